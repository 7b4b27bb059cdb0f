"""The mailing lists of an account."""

from __future__ import annotations

from attrs import define, field

from mailgun_emulator.areas.mailing_lists.records import MailingList
from mailgun_emulator.areas.messages import addresses

# sending LIST-030.
MOST_MEMBERS = 2_500_000


@define
class MailingListStore:
    """Lists by address; `most_members` is what one list can hold.

    `lists_made` and `tasks` count what was ever made, for ids that are numbers.
    """

    most_members: int = MOST_MEMBERS
    lists_made: int = 0
    tasks: int = 0
    _lists: dict[str, MailingList] = field(factory=dict, init=False)

    def find(self, address: str) -> MailingList | None:
        """The list with this address; addresses compare without case."""
        return self._lists.get(addresses.key(address))

    def all(self) -> list[MailingList]:
        """Every list, ascending by address."""
        return [self._lists[key] for key in sorted(self._lists)]

    def put(self, mailing_list: MailingList) -> None:
        """Add a list."""
        self._lists[mailing_list.key] = mailing_list

    def drop(self, mailing_list: MailingList) -> None:
        """Take a list out, with its members."""
        del self._lists[mailing_list.key]

    def rename(self, mailing_list: MailingList, address: str) -> None:
        """Give a list another address, which must be free."""
        del self._lists[mailing_list.key]
        mailing_list.address = address
        self._lists[mailing_list.key] = mailing_list

    def has(self, mailing_list: MailingList) -> bool:
        """Whether this very list is still there."""
        return self._lists.get(mailing_list.key) is mailing_list

    def task(self) -> str:
        """The id of a new upload."""
        self.tasks += 1
        return str(self.tasks)

    def forget_domain(self, name: str) -> None:
        """The domain is gone, and the lists under it with it."""
        self._lists = {key: held for key, held in self._lists.items() if held.domain != name}

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and self.find(address) is not None

    def __len__(self) -> int:
        return len(self._lists)
