"""The `data.datasheet:` section: what only people know about a data set. Source: Gebru et al. 2021, "Datasheets"."""

from __future__ import annotations

from seatrial.spec.base import Section

__all__ = ["DatasheetAnswers"]


class DatasheetAnswers(Section):
    """Answers for the datasheet, in free text. What is left out is shown as "not stated"."""

    purpose: str = ""
    """Why were the data collected, and for which task?"""
    creators: str = ""
    """Who collected them, on whose behalf?"""
    funding: str = ""
    """Who paid for it?"""
    instances: str = ""
    """What does one row stand for, and what population does the whole stand for or leave out?"""
    sensitive: str = ""
    """Do they hold confidential, offensive or personal matter, or tell something about groups of people?"""
    collection: str = ""
    """How were the rows obtained: by whom, from where, over which time, by which sampling?"""
    consent: str = ""
    """Do the people behind the rows know and agree; can they take that back; was there an ethical review?"""
    labelling: str = ""
    """Who gave the labels, under which instructions, for which pay?"""
    uses: str = ""
    """What have the data been used for, and what else could they be used for?"""
    not_for: str = ""
    """What should they not be used for?"""
    distribution: str = ""
    """Who else gets them, in which form, from when on?"""
    license: str = ""
    """Under which licence or terms, and are there restrictions by third parties?"""
    maintenance: str = ""
    """Who looks after them, how can that person be reached, and will there be new versions?"""
