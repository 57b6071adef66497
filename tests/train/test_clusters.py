"""Clusters: which workers there are, from options and from TF_CONFIG."""

import json

import pytest

from train import clusters

TWO = ("a:1", "b:2")


def config(**values):
    return {"TF_CONFIG": json.dumps(values)}


def test_workers_are_those_of_the_options():
    cluster = clusters.named("a:1,b:2", 1)
    assert (cluster.addresses, cluster.index, cluster.chief) == (TWO, 1, False)
    assert clusters.named("10.0.0.1:80,[::1]:80", 0).chief
    assert clusters.named("a:1", 0) is clusters.named(None, None) is None


@pytest.mark.parametrize(
    ("workers", "index", "message"),
    [
        ("a:1,b", 0, "HOST:PORT"),
        ("a:1,a:1", 0, "address of its own"),
        ("a:1,b:2", None, "Received: None"),
        ("a:1,b:2", 2, r"must be in \[0, 2\).*Received: 2"),
        (None, 0, "--index=0 alone"),
    ],
)
def test_options_that_name_no_cluster_are_refused(workers, index, message):
    with pytest.raises(ValueError, match=message):
        clusters.named(workers, index)


@pytest.mark.parametrize(
    ("values", "index"),
    [
        ({"cluster": {"worker": TWO}, "task": {"type": "worker", "index": 1}}, 1),
        ({"cluster": {"worker": TWO}, "task": {"type": "worker", "index": "0"}}, 0),
        (
            {
                "cluster": {"chief": TWO[:1], "worker": TWO[1:]},
                "task": {"type": "chief", "index": 0},
            },
            0,
        ),
        (
            {
                "cluster": {"chief": TWO[:1], "worker": TWO[1:]},
                "task": {"type": "worker", "index": 0},
            },
            1,
        ),
    ],
)
def test_workers_are_those_of_tf_config(values, index):
    cluster = clusters.of_environment(config(**values))
    assert cluster == (TWO, index)
    assert clusters.of_environment({"TF_CONFIG": cluster.config()}) == cluster


@pytest.mark.parametrize(
    "environment",
    [{}, {"TF_CONFIG": ""}, config(cluster={"worker": ["a:1"]}), config(task={"type": "worker"})],
)
def test_one_worker_is_no_cluster(environment):
    assert clusters.of_environment(environment) is None


@pytest.mark.parametrize(
    "environment",
    [
        {"TF_CONFIG": "{"},
        config(cluster={"ps": ["a:1"], "worker": TWO}, task={"type": "worker", "index": 0}),
        config(cluster={"worker": TWO}),
        config(cluster={"worker": TWO}, task={"type": "chief", "index": 0}),
        config(cluster={"worker": TWO}, task={"type": "worker", "index": 2}),
    ],
)
def test_another_tf_config_is_refused(environment):
    with pytest.raises(ValueError, match="TF_CONFIG must describe a cluster"):
        clusters.of_environment(environment)
