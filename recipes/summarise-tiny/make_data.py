"""Write `data.jsonl` beside this file: reports of a service desk and one sentence that says what came of each.

A report tells a fault in words of its own, what was tried in vain, which other devices work, and how it ended; the
sentence has to choose the device, the office, the fault and the outcome among all that. `subject`, a device with a
fault, is what the splits are divided by: the reports that are judged are of combinations that were never trained on.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

REPORTS = 9000
PLACES = (
    "Antwerp Basel Bergen Bilbao Bologna Bremen Bristol Dublin Ghent Graz Kiel Krakow Leeds Lisbon Lyon Malmo Naples "
    "Oslo Porto Prague Riga Seville Turin Vienna"
).split()
PEOPLE = (
    "Abena Agnes Amir Anders Beata Bruno Carla Chen Dario Elif Emeka Femi Greta Hana Ines Ivan Jonas Kofi Lena Marek "
    "Mina Nadia Olga Pavel Priya Quentin Rosa Samir Tomas Uma Vera Wanda Yusuf Zoe"
).split()
DEVICES = (
    "printer, scanner, projector, router, lift, heating, camera, copier, intercom, freezer, forklift, loudspeaker, "
    "mail server, packing line, coffee machine, door lock, fire alarm, cash desk, ventilation, water pump"
).split(", ")
# What the sentence says → how reports say it.
FAULTS = {
    "does not start": ("stays dark when it is switched on", "will not come up any more", "refuses to start"),
    "is too slow": ("takes minutes for what took seconds", "has become painfully slow", "makes everybody wait"),
    "makes a noise": ("rattles all the time", "has been humming loudly", "squeals as soon as it runs"),
    "switches itself off": ("goes off by itself", "shuts down without a warning", "dies after a few minutes"),
    "is too hot": ("is hot to the touch", "overheats", "smells of hot plastic"),
    "shows wrong figures": ("displays nonsense", "gives numbers that cannot be", "shows figures of another day"),
    "loses the connection": ("drops off the network", "is not reachable half of the time", "keeps losing its link"),
    "leaks": ("leaves a puddle on the floor", "drips", "has water under it"),
    "is blocked": ("is jammed", "is stuck and does not move", "cannot be moved at all"),
    "asks for a password": ("wants a password that nobody knows", "lets nobody in", "demands a login since Monday"),
}
FIXES = {
    "a new cable": ("Replacing the cable solved it.", "With a new cable it works again."),
    "an update": ("After an update it works as before.", "Installing the update cured it."),
    "a restart": ("A restart was all it needed.", "Restarting it brought it back."),
    "cleaning": ("Once it was cleaned, all was well.", "Cleaning it did the trick."),
    "a new filter": ("The filter was changed and the fault is gone.", "A fresh filter put an end to it."),
    "a reset": ("It was reset and has been fine since.", "A reset settled the matter."),
    "a spare part": ("A spare part was fitted and it runs.", "It runs again with the spare part."),
    "other settings": ("The settings were corrected, and that was it.", "Changing the settings helped."),
}
IN_VAIN = {
    "a new cable": "A new cable changed nothing.",
    "an update": "The update did not help.",
    "a restart": "It was restarted twice, without success.",
    "cleaning": "Cleaning it made no difference.",
    "a new filter": "A new filter was tried in vain.",
    "a reset": "Resetting it was no use.",
    "a spare part": "The spare part did not fit.",
    "other settings": "Other settings were no better.",
}
WAITING = {
    "the supplier": ("The supplier has not answered yet.", "We are waiting to hear from the supplier."),
    "a part": ("The part is on order.", "Nothing can be done before the part arrives."),
    "an electrician": ("An electrician has been asked to come.", "It needs an electrician, who comes next week."),
    "approval": ("The cost has to be approved first.", "Approval is still missing."),
}
OPENINGS = (
    "{who} called from {place}.",
    "This report came from {who} in {place}.",
    "{who}, who works in {place}, wrote to us.",
    "A message from the office in {place}, signed by {who}.",
    "{place}: {who} asked for help.",
)
TOLD = ("The {device} {fault}.", "There the {device} {fault}.", "It is about the {device}, which {fault}.")
FILLERS = (
    "{who} was friendly and patient.",
    "Nobody was hurt.",
    "The office closes at {hour}.",
    "This is the second message this week.",
    "{who} looked at it first.",
    "Customers have noticed.",
    "It was new two years ago.",
)
OTHERS = (
    "The {device} next to it works.",
    "The same {device} model in {place} is fine.",
    "The {device} was checked too and is in order.",
)
CLOSED = ("The case was closed after {hours} hours.", "It took {hours} hours.", "{hours} hours later it was done.")
HOURS = (2, 3, 4, 5, 6, 8, 10, 12, 24, 36, 48)
NOTHING = ("We found nothing wrong with it.", "It could not be reproduced.", "When we came, it worked.")


def report(rng: random.Random) -> dict[str, str]:
    """One report with its sentence."""
    place, elsewhere = rng.sample(PLACES, 2)
    device, other = rng.sample(DEVICES, 2)
    who, second = rng.sample(PEOPLE, 2)
    fault = rng.choice(list(FAULTS))
    fix, *tried = rng.sample(list(FIXES), 2)
    begin = [
        rng.choice(OPENINGS).format(who=who, place=place),
        rng.choice(TOLD).format(device=device, fault=rng.choice(FAULTS[fault])),
    ]
    middle = [IN_VAIN[one] for one in tried]
    if rng.random() < 0.5:
        middle.append(rng.choice(OTHERS).format(device=other, place=elsewhere))
    if rng.random() < 0.5:
        middle.append(rng.choice(FILLERS).format(who=second, hour=rng.randint(15, 20)))
    rng.shuffle(middle)
    subject = f"{place}: {device} {fault}"
    outcome = rng.choice(("fixed", "fixed", "open", "nothing"))
    if outcome == "fixed":
        hours = rng.choice(HOURS)
        end = [rng.choice(FIXES[fix]), rng.choice(CLOSED).format(hours=hours)]
        target = f"{subject}, fixed by {fix} after {hours} hours."
    elif outcome == "open":
        whom = rng.choice(list(WAITING))
        end = [rng.choice(WAITING[whom])]
        target = f"{subject}, still open, waiting for {whom}."
    else:
        end = [rng.choice(NOTHING)]
        target = f"{subject}, but no fault was found."
    source = " ".join([*begin, *middle, *end])
    return {"source": source, "target": target, "outcome": outcome, "subject": f"{device} {fault}"}


def main() -> None:
    rng = random.Random(17)
    rows = [json.dumps(report(rng)) for _ in range(REPORTS)]
    (Path(__file__).parent / "data.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
