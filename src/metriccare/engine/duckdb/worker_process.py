"""A process that answers questions with a function: `python -m` it, and talk through its pipes.

It reads the pickled function, then one pickled question after the other; each answer is
(True, answer), or (False, None) if the function raised. It ends when its input does.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from typing import BinaryIO


def answer_questions(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more questions."""
    function = pickle.load(questions)  # noqa: S301 - our parent's
    while True:
        try:
            question = pickle.load(questions)  # noqa: S301
        except EOFError:
            return
        try:
            answer = True, function(question)
        except Exception:
            # The parent asks the function itself, so that the error is raised as it is.
            answer = False, None
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    # Ctrl-C is for the parent, which ends its processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    own = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not come between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    answer_questions(sys.stdin.buffer, own)
