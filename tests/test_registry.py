"""Identities across fits."""

import numpy as np

from nlp.registry import Known, register, theme_id
from nlp.themes import Found, unit


def found(*direction, keywords=("honey bee",)):
    centroid = unit(np.array(direction, dtype=np.float32))
    return Found(np.arange(3), np.ones(3, np.float32), centroid, 0.5, tuple(keywords), keywords[0])


def known(number, *direction, keywords=("honey bees",), members=()):
    centroid = unit(np.array(direction, dtype=np.float32))
    return Known(theme_id(number), centroid, centroid, tuple(keywords), frozenset(members))


def registered(clusters, members, themes, **kwargs):
    options = {"next_number": 9, "cosine": 0.7} | kwargs
    return register(clusters, [frozenset(group) for group in members], themes, **options)


def test_a_first_fit_numbers_the_themes():
    result = registered([found(1, 0), found(0, 1)], [{"a"}, {"b"}], [], next_number=1)
    assert result.ids == ("t-000001", "t-000002")
    assert [change.event for change in result.changes] == ["born", "born"]


def test_a_theme_keeps_its_id_whatever_the_order_of_the_clusters():
    themes = [known(1, 1, 0), known(2, 0, 1)]
    result = registered([found(0.1, 1), found(1, 0.1)], [{"b"}, {"a"}], themes)
    assert result.ids == ("t-000002", "t-000001")
    assert result.changes == ()


def test_pairs_are_chosen_together_so_that_nobody_is_robbed():
    themes = [known(1, 1, 0), known(2, 0.8, 0.6)]
    # Both clusters are nearest to the first theme; only one may continue it.
    result = registered([found(0.99, 0.1), found(0.95, 0.31)], [{"a"}, {"b"}], themes)
    assert result.ids == ("t-000001", "t-000002")


def test_a_near_cluster_with_other_words_is_another_theme():
    themes = [known(1, 1, 0, keywords=("sea ice",))]
    result = registered([found(0.78, 0.62)], [{"x"}], themes)
    assert result.ids == ("t-000009",)


def test_a_split_names_the_theme_it_came_from():
    themes = [known(1, 1, 0, members="abcdef")]
    result = registered([found(1, 0.1), found(0.6, 0.8)], ["abc", "def"], themes)
    [change] = result.changes
    assert (change.theme, change.event, change.other) == ("t-000009", "split", "t-000001")
    assert change.detail == "3 of 3 documents"


def test_a_merger_names_the_theme_that_took_the_documents():
    themes = [known(1, 1, 0, members="abc"), known(2, 0.9, 0.4, members="de")]
    result = registered([found(1, 0.1)], ["abcde"], themes)
    [change] = result.changes
    assert (change.theme, change.event, change.other) == ("t-000002", "merged", "t-000001")


def test_a_theme_without_heir_ends():
    themes = [known(1, 1, 0, members="abc"), known(2, 0, 1, keywords=("ice",), members="xyz")]
    result = registered([found(1, 0)], ["abc"], themes)
    [change] = result.changes
    assert (change.theme, change.event, change.other) == ("t-000002", "ended", "")


def test_a_drifted_theme_is_followed_by_its_present_centroid():
    anchor, centroid = unit(np.array([1.0, 0.0])), unit(np.array([0.6, 0.8]))
    theme = Known("t-000001", anchor, centroid, ("honey bees",))
    result = registered([found(0.55, 0.83)], [{"a"}], [theme])
    assert result.ids == ("t-000001",)
