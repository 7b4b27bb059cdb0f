"""What a User-Agent tells of a visitor (platform EVT-061, EVT-063, EVT-064).

ua-parser knows the programs; what kind of program each is, it does not say, so those that are no
browsers are named here.
"""

from __future__ import annotations

import re

import ua_parser

UNKNOWN = "unknown"
APPLE, GMAIL, GENERIC, HUMAN = "apple", "gmail", "generic", ""
# What Apple's and Google's proxies call themselves when they load pictures for somebody.
_APPLE = "Mozilla/5.0"
_GMAIL = "GoogleImageProxy"
_MAIL = frozenset(
    {
        "Airmail",
        "Apple Mail",
        "Foxmail",
        "Lotus Notes",
        "MailBar",
        "Outlook",
        "Outlook Express",
        "Outlook-iOS",
        "Postbox",
        "SeaMonkey Mail",
        "Spark",
        "Superhuman",
        "The Bat!",
        "Thunderbird",
        "Windows Live Mail",
        "Zimbra",
    }
)
_LIBRARY = re.compile(
    r"\b(?:curl|wget|httpie|requests|urllib|httpx|aiohttp|okhttp|axios|got|node-fetch|undici|guzzle"
    r"|libwww|lwp|winhttp|java|jakarta|apache-httpclient|go-http-client|faraday|dart|reqwest"
    r"|python|ruby|php|perl)\b",
    re.IGNORECASE,
)
_FEEDS = re.compile(r"feed|\brss\b|newsblur|inoreader", re.IGNORECASE)
_ROBOTS = re.compile(r"bot\b|crawl|spider|slurp|scan|\bpreview\b|monitor", re.IGNORECASE)
_TABLETS = re.compile(r"ipad|tablet|kindle|\btab\b", re.IGNORECASE)


def client_info(agent: str) -> dict[str, str]:
    """The member `client-info` of an event for a visitor with this User-Agent."""
    found = ua_parser.parse(agent)
    family = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    device = _device(found, agent, system)
    kind = _kind(found, agent, family, device)
    return {
        "client-name": family or UNKNOWN,
        "client-os": system or UNKNOWN,
        "client-type": kind,
        "device-type": device,
        "user-agent": agent,
        "bot": _bot(agent, kind),
    }


def _kind(found: ua_parser.Result, agent: str, family: str, device: str) -> str:
    if found.device and found.device.brand == "Spider":
        return "feed reader" if _FEEDS.search(agent) else "robot"
    if family in _MAIL:
        return "email client"
    # Programs that read or fetch are often not known by name.
    if _FEEDS.search(agent):
        return "feed reader"
    if _ROBOTS.search(agent):
        return "robot"
    if _LIBRARY.search(family or agent):
        return "library"
    if not family:
        return UNKNOWN
    return "mobile browser" if device in ("mobile", "tablet") else "browser"


def _device(found: ua_parser.Result, agent: str, system: str) -> str:
    if found.device and found.device.brand == "Spider":
        return "other"
    if _TABLETS.search(agent) or (system == "Android" and "Mobile" not in agent):
        return "tablet"
    if system in ("iOS", "Android", "Windows Phone", "KaiOS") or "Mobile" in agent:
        return "mobile"
    return "desktop" if system else UNKNOWN


def _bot(agent: str, kind: str) -> str:
    if agent == _APPLE:
        return APPLE
    if _GMAIL in agent:
        return GMAIL
    return GENERIC if kind == "robot" else HUMAN
