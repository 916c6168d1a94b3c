"""One function called in several processes at once; answers are in the order of the questions.

Not `multiprocessing`: it imports the caller's main module again, and it needs shared memory, which
an AWS Lambda function does not have.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from typing import Any, BinaryIO, Generic, TypeVar, cast

from metriccare.errors import OutOfMemory

QuestionT = TypeVar("QuestionT")
AnswerT = TypeVar("AnswerT")
# 2 questions per process: one is answered while the next is prepared.
_AHEAD = 2


def answers_of(
    function: Callable[[QuestionT], AnswerT],
    questions: Iterable[QuestionT],
    *,
    with_this_process: bool = False,
) -> Iterator[AnswerT]:
    """Yield the function's answers in order; it, questions and answers must be picklable.

    Few questions are prepared ahead, so memory stays limited. With `with_this_process` this process
    answers too, and one process less is started. Raises what the function raises, and OutOfMemory
    if a process ends by itself.
    """
    width = processors()
    with ExitStack() as stack:
        idle: SimpleQueue[Callable[[QuestionT], AnswerT]] = SimpleQueue()
        if with_this_process:
            idle.put(function)
        for _ in range(width - with_this_process):
            idle.put(stack.enter_context(_worker(function)).ask)
        pool = ThreadPoolExecutor(width)
        # After an error or an interrupt nobody reads the answers to the waiting questions.
        stack.callback(pool.shutdown, cancel_futures=True)

        def ask(question: QuestionT) -> AnswerT:
            answer = idle.get()
            try:
                return answer(question)
            finally:
                idle.put(answer)

        waiting: deque[Future[AnswerT]] = deque()
        for question in questions:
            waiting.append(pool.submit(ask, question))
            if len(waiting) >= _AHEAD * width:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Worker(Generic[QuestionT, AnswerT]):
    """A process that answers; see `worker_process` for the messages."""

    def __init__(
        self, function: Callable[[QuestionT], AnswerT], questions: BinaryIO, answers: BinaryIO
    ) -> None:
        self._function, self._questions, self._answers = function, questions, answers
        self._send(function)

    def ask(self, question: QuestionT) -> AnswerT:
        """Return the answer to a question."""
        try:
            self._send(question)
            is_answered, answer = pickle.load(self._answers)  # noqa: S301 - our child's
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise OutOfMemory(
                "A worker process ended before its work was done; probably the machine's memory ran"
                " out. Close other programs, then run it again."
            ) from error
        return cast("AnswerT", answer) if is_answered else self._function(question)

    def _send(self, message: Any) -> None:
        pickle.dump(message, self._questions, pickle.HIGHEST_PROTOCOL)
        self._questions.flush()


@contextmanager
def _worker(
    function: Callable[[QuestionT], AnswerT],
) -> Iterator[_Worker[QuestionT, AnswerT]]:
    command = [sys.executable, "-m", "metriccare.engine.duckdb.worker_process"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    pipe = subprocess.PIPE
    with _ctrl_c_blocked():
        child = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)
    try:
        yield _Worker(function, cast("BinaryIO", child.stdin), cast("BinaryIO", child.stdout))
    finally:
        child.kill()
        child.communicate()


@contextmanager
def _ctrl_c_blocked() -> Iterator[None]:
    """Block SIGINT for processes that are started in the block, from their first moment.

    A terminal sends Ctrl-C to them as well, and Python would print a traceback. This process
    handles it after the block, and ends its processes.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
