"""`zoo verify`: every law holds, a wrong sign is found, and objectives are picked by name."""

import math

import pytest

from zoo import law, losses
from zoo.command import verbs, verify
from zoo.divergences import conditions
from zoo.laws import table


@pytest.mark.parametrize(
    "name", sorted(name for name in table.LAWS if not name.startswith("f_gan."))
)  # those are divergences' own test
def test_every_law_holds(name):
    rows = list(table.LAWS[name]())
    assert rows
    assert [row for row in rows if not row.holds] == []


def test_a_sign_error_is_found(monkeypatch, capsys):
    right = losses.minimax()
    monkeypatch.setattr(
        losses, "minimax", lambda: right._replace(critic_fake=lambda v: -right.critic_fake(v))
    )
    assert verbs.run(["verify", "minimax"]) == 1
    out = capsys.readouterr().out
    assert "WRONG" in out and "laws hold" in out


@pytest.mark.parametrize(
    "part", ["f", "f_prime", "activation", "conjugate", "conjugate_of_activation", "optimum"]
)
@pytest.mark.parametrize("name", sorted(table.ROWS))
def test_no_part_of_a_divergence_can_change_its_sign_unseen(name, part):
    row = table.ROWS[name]()
    function = getattr(row, part)
    wrong = row._replace(**{part: lambda v: -function(v)})
    assert any(not law.holds for law in conditions.laws(wrong, table.F_1.get(name, 0.0)))


def test_the_table_counts_and_ends_well(capsys):
    assert verbs.run(["verify", "hinge"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "2 of 2 laws hold"
    assert all(line.startswith("hinge ") and line.endswith(" ok") for line in lines[:-1])


def test_the_page_is_a_markdown_table(capsys):
    assert verbs.run(["verify", "hinge", "--format=md"]) == 0
    head, rule, *rows = capsys.readouterr().out.splitlines()
    assert (
        head == "| objective | what | expected | computed | error |  |"
        and rule == "|---|---|---|---|---|---|"
    )
    assert len(rows) == 2 and all(row.count("|") == head.count("|") for row in rows)


def test_a_bar_in_a_law_does_not_end_its_cell(capsys):
    assert verbs.run(["verify", "vae", "--format=md"]) == 0
    rows = [row for row in capsys.readouterr().out.splitlines() if "p(z" in row]
    assert rows and all(row.replace("\\|", "").count("|") == 7 for row in rows)


def test_objectives_are_chosen_by_name():
    every = ["minimax", "f_gan.alpha(0.5)", "f_gan.alpha(2)", "f_gan.kl"]
    assert verify.chosen([], every) == every
    assert verify.chosen(["f_gan"], every) == every[1:]
    assert verify.chosen(["alpha"], every) == every[1:3]
    assert verify.chosen(["kl", "minimax"], every) == ["minimax", "f_gan.kl"]
    assert verify.chosen(["f_gan.alpha(2)"], every) == ["f_gan.alpha(2)"]
    with pytest.raises(ValueError, match="Unknown objective 'minmax'.*Did you mean 'minimax'"):
        verify.chosen(["minmax"], every)


@pytest.mark.parametrize("computed", [1.1, math.nan, math.inf, [1.0, math.nan]], ids=str)
def test_what_is_off_or_no_number_does_not_hold(computed):
    assert not law.equal("", 1.0, computed).holds
    assert not law.at_most("", 1.0, computed).holds


def test_the_worst_of_many_is_shown():
    row = law.equal("", [1.0, 2.0, 3.0], [1.0, 2.5, 3.1])
    assert (row.expected, row.computed, row.error) == (2.0, 2.5, 0.25)
