"""The Autobahn cases against one socket: `run.py NAME ADDRESS DOOR`. Exit code 1 if any failed.

ADDRESS echoes within the contract (text only, 64 KiB, no compression); ADDRESS/raised echoes anything; DOOR is the real
socket after its greeting, which echoes nothing.
"""

import asyncio
import os
import sys
import time

from kosoku import FailureError, run_fuzzingclient

# These fail against any server, by kosoku's own fault.
EXCLUDED = ["13.2.*", "13.5.*", "13.6.*", "13.7.*"]
# Deskbell negotiates no compression, and these cases say so when they meet it.
COMPRESSED = ["12.*", "13.1.*", "13.3.*", "13.4.*"]
# The contract refuses these, each with its close code. They must echo where the limits are raised.
BINARY = ["1.2.*", "9.2.1", "9.8.*"]
TOO_BIG = ["9.1.2", "9.1.3", "9.1.4", "9.1.5", "9.1.6", "9.2.2", "9.2.3", "9.2.4", "9.2.5", "9.2.6", "9.3.*", "9.4.*", "9.5.*", "9.6.*"]
# What the doors themselves are asked: everything on framing, closing and UTF-8 that does not wait for an echo.
DOOR = ["2.*", "3.*", "4.*", "5.*", "6.*", "7.*"]
AWAITS_ECHO = ["5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.19", "5.20", "6.1.*", "6.2.*", "6.5.*", "6.6.2", "6.6.5"]
AWAITS_ECHO += ["6.6.7", "6.6.9", "6.6.11", "6.7.*", "6.9.*", "6.11.1", "6.11.2", "6.11.3", "6.11.4", "6.22.*", "6.23.*", "7.1.1"]
# Known by number, so that a case that goes missing is noticed.
CASES = 517

ECHOED = ("echoed", "echoed where limits are raised")
GOOD = ("OK", "NON-STRICT", "INFORMATIONAL")


async def run(url, cases=None, exclude=None, at_once=4):
    try:
        return await run_fuzzingclient(url, cases, exclude, concurrency=at_once)
    except FailureError as failure:
        return failure.results


def is_good(result):
    return result.behavior.value in GOOD and result.behavior_close.value in GOOD


def refused_with(code):
    return lambda result: result.remote_close_code == code


def is_without_compression(result):
    return result.behavior.value == "UNIMPLEMENTED" and result.behavior_close.value == "OK"


def tell(result, why):
    print(
        f"  {result.case_id} {why}: {result.behavior.value}, closing {result.behavior_close.value}"
        f" ({result.remote_close_code}): {result.result} {result.result_close}"
    )


async def main(name, url, door):
    begun = time.monotonic()
    groups = [
        ("echoed", is_good, run(url, None, EXCLUDED + COMPRESSED + BINARY + TOO_BIG)),
        ("refused as binary with 1002", refused_with(1002), run(url, BINARY)),
        ("refused as too big with 1009", refused_with(1009), run(url, TOO_BIG)),
        ("echoed where limits are raised", is_good, run(url + "/raised", BINARY + TOO_BIG, at_once=2)),
        ("answered at the door", is_good, run(door, DOOR, AWAITS_ECHO)),
        ("met without compression", is_without_compression, run(url, COMPRESSED)),
    ]
    seen, counts, strict, failed = set(), {}, 0, 0
    for what, is_right, running in groups:
        results = await running
        wrong = [result for result in results if not is_right(result)]
        for result in wrong:
            tell(result, f"was not {what}")
        failed += len(wrong)
        if what in ECHOED:
            strict += sum(result.behavior.value == "OK" for result in results)
        counts[what] = len(results) - len(wrong)
        seen.update(result.case_id for result in results)
    excluded = CASES - len(seen)
    ok = sum(counts[what] for what in ECHOED)
    print(
        f"Autobahn {name} ok={ok} failed={failed} excluded={excluded} strictly_ok={strict}"
        f" refused_by_contract={counts['refused as binary with 1002'] + counts['refused as too big with 1009']}"
        f" at_the_door={counts['answered at the door']} no_compression={counts['met without compression']} in {time.monotonic() - begun:.0f} s"
    )
    if excluded != 18 * len(EXCLUDED):
        print(f"  {len(seen)} cases were run, {CASES} less {18 * len(EXCLUDED)} were expected")
        failed += 1
    return 1 if failed else 0


code = asyncio.run(main(*sys.argv[1:4]))
sys.stdout.flush()
# Not the orderly way out: kosoku's own threads abort one interpreter in ten while it ends.
os._exit(code)
