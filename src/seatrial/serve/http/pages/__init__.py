"""The pages for people, which load nothing from elsewhere.

    markdown                      a model card's Markdown → safe HTML
    route_list                    the page that lists the routes
    pages                         the routes of all pages
    page.css                      how every page looks
    playground.html, playground/  the playground and its scripts
    chat.html, chat/              the page to talk on; it shares some of the playground's scripts

Order of knowledge: `pages` knows the others; a script that `pages.SCRIPTS` names knows those before it.
"""

from __future__ import annotations

__all__: list[str] = []
