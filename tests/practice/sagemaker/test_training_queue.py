"""Places on this machine: first come, first served."""

from practice.sagemaker.training_queue import Queue, Ticket


def test_places_are_given_in_order_and_given_back() -> None:
    queue, began = Queue(3), list[str]()

    def ticket(name: str, hosts: int = 1) -> Ticket:
        return Ticket(lambda: began.append(name), hosts)

    two, wide, one, last = ticket("two", 2), ticket("wide", 2), ticket("one"), ticket("last")
    assert queue.enter(two)
    assert not queue.enter(wide)
    assert not queue.enter(one), "it would overtake"
    assert not queue.enter(last)
    assert began == ["two"]
    queue.leave(last)
    queue.leave(two)
    assert began == ["two", "wide", "one"]
    queue.leave(two)
    queue.leave(wide)
    queue.leave(one)
    assert queue.enter(ticket("all", 3))


def test_a_job_of_more_hosts_than_there_are_places_runs_alone() -> None:
    queue, began = Queue(2), list[str]()
    small, huge = Ticket(lambda: began.append("small"), 1), Ticket(lambda: began.append("huge"), 50)
    queue.enter(small)
    assert not queue.enter(huge)
    queue.leave(small)
    assert began == ["small", "huge"]
    assert not queue.enter(small)
    queue.leave(huge)
    assert began == ["small", "huge", "small"]
