"""A call in a process of its own, so that its children's memory is nobody else's."""

import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any


def largest_child(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, int]:
    """What *function* returns, and the peak size in bytes of the largest process it started."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_call, function, args, kwargs).result()


def _call(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, int]:
    value = function(*args, **kwargs)
    return value, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
