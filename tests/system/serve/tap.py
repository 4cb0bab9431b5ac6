"""The Test Anything Protocol, as tests/tap.sh speaks it."""
import sys
import time
import traceback

n = 0
failed = 0


def result(good, name, why=""):
    global n, failed
    n += 1
    if not good:
        failed += 1
    print(f"{'ok' if good else 'not ok'} {n} - {name}", flush=True)
    if not good:
        for line in str(why).splitlines()[:30]:
            print(f"#   {line[:600]}", flush=True)
    return good


def skip(name, why):
    global n
    n += 1
    print(f"ok {n} - {name} # SKIP {why}", flush=True)


def same(name, wanted, got):
    return result(wanted == got, name, f"wanted: {wanted!r}\ngot:    {got!r}")


def case(name, function, *args):
    """A function that asserts."""
    try:
        function(*args)
    except Exception:
        return result(False, name, traceback.format_exc(limit=-4))
    return result(True, name)


def until(look, seconds=60):
    """What look() gives, once that is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it does not come about")


def finish():
    print(f"1..{n}")
    sys.exit(1 if failed or not n else 0)
