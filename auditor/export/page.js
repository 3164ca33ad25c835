/* SPDX-License-Identifier: ISC */
"use strict";
(() => {
	const $ = (id) => document.getElementById(id);
	const facts = JSON.parse($("facts").textContent);
	const commands = [...document.querySelectorAll(".command")];
	const at = (el) => Number(el.dataset.at);
	/* In the order of reading they need not be in that of time. */
	const lines = [...document.querySelectorAll("#transcript .at")].sort((a, b) => at(a) - at(b));
	const STEP_S = 5, LOOK_MS = 200;
	const NEAR_S = 0.05, SAME_S = 0.0005; /* a player is not exact to the millisecond */

	/* The last of a list, by its times, that is not behind t; -1: none. */
	const last = (list, t, near) => {
		let low = 0, high = list.length;

		while (low < high) {
			const mid = (low + high) >> 1;

			if (at(list[mid]) <= t + near)
				low = mid + 1;
			else
				high = mid;
		}
		return low - 1;
	};

	const two = (n) => String(n).padStart(2, "0");
	const clock = (s) => {
		const whole = Math.floor(s + 1e-6);

		return (whole >= 3600 ? Math.floor(whole / 3600) + ":" : "") +
		    (whole >= 3600 ? two(Math.floor(whole % 3600 / 60)) : Math.floor(whole / 60)) + ":" +
		    two(whole % 60);
	};
	/* A time of the replay as one of the session: what was cut out of pauses is added. */
	const session = (t) => facts.cuts.reduce((sum, [cut, skipped]) =>
	    cut < t ? sum + skipped : sum, t + facts.from);
	const wall = (t) => new Date(facts.begin + session(t) * 1000).toISOString()
	    .replace("T", " ").replace(/\.\d+Z$/, " UTC");

	let current = null, place = null;
	const show_current = (t) => {
		const i = last(commands, t, NEAR_S), now = i < 0 ? null : commands[i];

		if (now === current)
			return;
		if (current)
			current.removeAttribute("aria-current");
		current = now;
		if (!now)
			return;
		now.setAttribute("aria-current", "true");
		const list = now.closest("ol"), box = list.getBoundingClientRect();
		const b = now.getBoundingClientRect();

		if (b.top < box.top || b.bottom > box.bottom)
			list.scrollTop += b.top - box.top - box.height / 3;
	};
	/* A command's line is echoed a little after it was typed. */
	const line_of = (t, el) => (el.matches(".command") && lines.find((l) =>
	    at(l) >= t - NEAR_S && at(l) <= t + STEP_S && l.parentNode.querySelector("b"))) ||
	    lines[Math.max(last(lines, t, SAME_S), 0)];
	const show_line = (t, el) => {
		const line = line_of(t, el), li = line && line.closest("li");

		if (place)
			place.removeAttribute("aria-current");
		place = li || null;
		if (place) {
			place.setAttribute("aria-current", "true");
			place.scrollIntoView({ block: "center" });
		}
	};

	/* The list of commands: arrows move, Enter plays. */
	$("commands").addEventListener("keydown", (e) => {
		const i = commands.indexOf(document.activeElement);
		const to = { ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: commands.length - 1 }[e.key];

		if (i < 0 || to === undefined || !commands[to])
			return;
		commands[to].focus();
		e.preventDefault();
		e.stopPropagation();
	});

	const on_choice = (go) => document.addEventListener("click", (e) => {
		const el = e.target.closest("[data-at]");

		if (el)
			go(at(el), el);
	});

	const without_player = () => on_choice((t, el) => {
		show_current(t);
		show_line(t, el);
	});

	const with_player = () => {
		const quiet = () => {};
		const player = window.AsciinemaPlayer.create({ data: $("cast").textContent }, $("screen"), {
			controls: false, fit: "width", preload: true, cursorMode: "steady",
			poster: "npt:0", theme: "asciinema", terminalFontFamily: getComputedStyle(
			    document.documentElement).getPropertyValue("--mono"),
			logger: { log: quiet, debug: quiet, info: quiet, warn: quiet, error: console.error },
		});
		let playing = false;

		const look = () => {
			const t = Math.min(player.getCurrentTime() || 0, facts.length);

			if (document.activeElement !== $("position") || playing)
				$("position").value = t;
			$("position").setAttribute("aria-valuetext", clock(t));
			$("clock").textContent = `${clock(session(t))} of ${
			    clock(session(facts.length))}, ${wall(t)}`;
			show_current(t);
		};
		const state = (on) => {
			playing = on;
			$("play").textContent = on ? "Pause" : "Play";
			look();
		};
		const seek = async (t) => {
			$("stage").classList.add("begun");
			await player.seek(Math.max(0, Math.min(t, facts.length)));
			look();
		};
		const toggle = async () => {
			if (playing) {
				await player.pause();
				return;
			}
			if (player.getCurrentTime() >= facts.length)
				await player.seek(0);
			await player.play();
		};
		const command = (by) => {
			const t = player.getCurrentTime() || 0;
			let i = last(commands, t, NEAR_S);

			if (by < 0 && i >= 0 && t - at(commands[i]) > 1)
				i++; /* first to the begin of this one */
			if (by < 0 && i === 0)
				seek(0);
			else if (commands[i + by])
				seek(at(commands[i + by]));
		};

		player.addEventListener("play", () => state(true));
		player.addEventListener("playing", () => state(true));
		player.addEventListener("pause", () => state(false));
		player.addEventListener("ended", () => state(false));
		$("position").max = facts.length;
		$("position").addEventListener("input", () => seek(Number($("position").value)));
		$("play").addEventListener("click", toggle);
		$("previous").addEventListener("click", () => command(-1));
		$("next").addEventListener("click", () => command(1));
		on_choice((t, el) => {
			seek(t);
			if (!el.classList.contains("command"))
				$("stage").scrollIntoView({ block: "nearest" });
		});
		document.addEventListener("keydown", (e) => {
			const el = document.activeElement, button = el && /^(BUTTON|A|SUMMARY|INPUT)$/.test(el.tagName);
			const t = player.getCurrentTime() || 0;

			if (e.ctrlKey || e.altKey || e.metaKey)
				return;
			if (e.key === " " && !button)
				toggle();
			else if (e.key === "ArrowLeft" && el !== $("position"))
				seek(t - STEP_S);
			else if (e.key === "ArrowRight" && el !== $("position"))
				seek(t + STEP_S);
			else if (e.key === "[" || e.key === "]")
				command(e.key === "[" ? -1 : 1);
			else
				return;
			e.preventDefault();
			e.stopPropagation();
		}, true);
		for (const c of commands) {
			const tick = document.createElement("i");

			tick.style.left = `${100 * at(c) / (facts.length || 1)}%`;
			$("ticks").append(tick);
		}
		$("controls").hidden = $("keys").hidden = false;
		setInterval(look, LOOK_MS);
		look();
		window.shellac = { player, seek };
	};

	if (window.AsciinemaPlayer)
		with_player();
	else
		without_player();
})();
