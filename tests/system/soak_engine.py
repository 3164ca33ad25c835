# SPDX-License-Identifier: ISC
"""Many that do something at the same time, in one thread: each is a generator that yields
how many seconds it rests, and is called with the descriptors that can be read in between."""
import heapq
import itertools
import selectors
import time


def boot():
    """Seconds by the clock that the ledger has, too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def until(condition, seconds, pause=0.05):
    """For generators: rests until it is true, which is the result, or for so long."""
    end = boot() + seconds
    while True:
        found = condition()
        if found or boot() > end:
            return found
        yield pause


class Engine:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.due, self.order = [], itertools.count()
        self.alive = 0

    def add(self, task):
        self.alive += 1
        heapq.heappush(self.due, (boot(), next(self.order), task))

    def hear(self, fd, call):
        """call() whenever fd can be read."""
        self.selector.register(fd, selectors.EVENT_READ, call)

    def forget(self, fd):
        self.selector.unregister(fd)

    def step(self, task):
        try:
            rest = next(task)
        except StopIteration:
            self.alive -= 1
            return
        heapq.heappush(self.due, (boot() + rest, next(self.order), task))

    def run(self):
        """Until all have ended."""
        while self.alive:
            rest = max(0, self.due[0][0] - boot())
            for key, _ in self.selector.select(min(rest, 0.5)):
                key.data()
            while self.due and self.due[0][0] <= boot():
                self.step(heapq.heappop(self.due)[2])
                if self.selector.get_map() and self.selector.select(0):
                    break
