import asyncio
import importlib.util
import pathlib

import numpy as np
import pytest

from export.server import batching, faults

spec = importlib.util.spec_from_file_location(
    "server_conftest", pathlib.Path(__file__).with_name("conftest.py")
)
toy = importlib.util.module_from_spec(spec)
spec.loader.exec_module(toy)


def z(*values):
    return {"z": np.array([[value, 0, 0] for value in values], np.float32)}


def scored(*values):
    x = np.array(values, np.float32).reshape(-1, 1, 1, 1)
    return {"x": np.broadcast_to(x, [len(values), 2, 2, 1])}


def run(main):
    return asyncio.run(asyncio.wait_for(main, 30))


@pytest.fixture
def slow():
    made = toy.Slow()
    yield made
    made.may.set()


async def gathered(slow, batcher, *jobs):
    """Submits a first job, waits until it is computed, and submits the others meanwhile."""
    first, *rest = [asyncio.ensure_future(batcher.compute(*job)) for job in jobs[:1]]
    await asyncio.to_thread(slow.began.wait, 30)
    rest = [asyncio.ensure_future(batcher.compute(*job)) for job in jobs[1:]]
    await asyncio.sleep(0)  # lets them submit
    slow.may.set()
    return await asyncio.gather(first, *rest, return_exceptions=True)


def test_what_came_while_a_batch_ran_is_the_next_batch(slow):
    batcher = batching.Batcher(slow, rows=4, queue_rows=100)
    jobs = [("generate", z(i / 10)) for i in range(6)]
    results = run(gathered(slow, batcher, *jobs))
    assert slow.batches == [("generate", 1), ("generate", 4), ("generate", 1)]
    for i, result in enumerate(results):
        np.testing.assert_array_equal(result["image"], np.full([1, 2, 2, 1], np.float32(i / 10)))


def test_endpoints_do_not_mix_and_the_oldest_goes_first(slow):
    batcher = batching.Batcher(slow, rows=4, queue_rows=100)
    jobs = [("generate", z(0)), ("score", scored(0.5)), ("generate", z(1)), ("score", scored(0))]
    results = run(gathered(slow, batcher, *jobs))
    assert slow.batches == [("generate", 1), ("score", 2), ("generate", 1)]
    assert [result["score"].tolist() for result in results[1::2]] == [[0.5], [0.0]]


def test_more_rows_than_a_batch_are_several(slow):
    slow.may.set()
    batcher = batching.Batcher(slow, rows=4, queue_rows=100)
    values = np.arange(10) / 10
    result = run(batcher.compute("generate", z(*values)))
    assert [rows for _, rows in slow.batches] == [4, 4, 2]
    np.testing.assert_array_equal(result["image"][:, 0, 0, 0], values.astype(np.float32))


def test_a_row_that_breaks_the_model_fails_nobody_else(slow):
    batcher = batching.Batcher(slow, rows=8, queue_rows=100)
    jobs = [("score", scored(value)) for value in (0.5, 0.5, 0.25, 0.75, 1.0)]
    results = run(gathered(slow, batcher, *jobs))
    assert [isinstance(result, faults.Fault) for result in results] == [
        False,
        False,
        True,
        True,
        False,
    ]
    assert results[2].status == results[3].status == 500
    assert results[4]["score"].tolist() == [1.0]
    assert "not finite" in results[3].sentence or "failed" in results[3].sentence


def test_an_output_that_is_not_finite_fails_its_own_rows_only(slow):
    batcher = batching.Batcher(slow, rows=8, queue_rows=100)
    jobs = [("score", scored(value)) for value in (0.5, 0.5, 0.75, 1.0)]
    results = run(gathered(slow, batcher, *jobs))
    assert slow.batches[1] == ("score", 3)
    assert results[2].status == 500 and "not finite" in results[2].sentence
    assert results[1]["score"].tolist() == [0.5] and results[3]["score"].tolist() == [1.0]


def test_a_full_queue_is_refused_with_the_time_to_come_again(slow):
    batcher = batching.Batcher(slow, rows=4, queue_rows=3)
    results = run(gathered(slow, batcher, *[("generate", z(0))] * 4))
    assert [getattr(result, "status", 200) for result in results] == [200, 200, 200, 503]
    assert results[3].headers == {"Retry-After": "1"}
    assert batcher.waiting == 0


def test_an_answer_that_takes_too_long_is_given_up_and_not_computed(slow):
    batcher = batching.Batcher(slow, rows=4, queue_rows=100)

    async def main():
        first = asyncio.ensure_future(batcher.compute("generate", z(0)))
        await asyncio.to_thread(slow.began.wait, 30)
        with pytest.raises(faults.Fault) as caught:
            await batcher.compute("generate", z(1, 2), seconds=0.01)
        slow.may.set()
        await first
        await batcher.compute("generate", z(3))
        return caught.value

    fault = run(main())
    assert fault.status == 504
    # its rows may be gathered already, but are never computed
    assert [rows for _, rows in slow.batches] == [1, 1]
    assert batcher.waiting == 0


def test_a_batcher_that_closes_answers_what_it_has_taken(slow):
    batcher = batching.Batcher(slow, rows=1, queue_rows=100)

    async def main():
        jobs = [asyncio.ensure_future(batcher.compute("generate", z(i))) for i in range(3)]
        await asyncio.sleep(0)
        batcher.close()
        slow.may.set()
        return await asyncio.gather(*jobs)

    assert len(run(main())) == 3
    batcher.join()
