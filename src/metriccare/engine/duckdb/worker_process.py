"""A process that answers questions with a function, through its pipes; run with `python -m`.

It reads the pickled function, then pickled questions one by one. Each answer is (True, answer), or
(False, None) if the function raised. The process ends when its input ends.
"""

from __future__ import annotations

import os
import pickle
import sys
from typing import BinaryIO


def answer_questions(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more questions."""
    try:
        function = pickle.load(questions)  # noqa: S301 - our parent's
    except EOFError:
        return
    while True:
        try:
            question = pickle.load(questions)  # noqa: S301
        except EOFError:
            return
        try:
            answer = True, function(question)
        except Exception:
            # The parent then calls the function itself, so that the error is raised unchanged.
            answer = False, None
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    own = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Output of a library must not get between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    answer_questions(sys.stdin.buffer, own)
