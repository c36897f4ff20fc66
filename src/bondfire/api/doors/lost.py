"""What is said when something could neither be taken nor kept: that it was not acknowledged."""

from fastapi.responses import JSONResponse

from bondfire.api.doors.answers import DeliveryAnswer
from bondfire.api.problems import problem_response
from bondfire.deliveries import RejectsFull


def refused_if_lost(
    answer: DeliveryAnswer, *, status: int = RejectsFull.status
) -> DeliveryAnswer | JSONResponse:
    """The answer, or a refusal with what became of each thing that was sent.

    Args:
        answer: of a delivery.
        status: of the refusal; what it should be depends on what the sender does when it hears it.
    """
    lost = [row for row in answer.results if row.outcome == "lost"]
    if not lost:
        return answer
    full = RejectsFull(
        f"{len(lost)} could not be taken, and there is no room to keep more like it: {lost[0].message}",
        next_step="See to /v1/rejects, then send it again; everything else was taken.",
    )
    full.status = status
    return problem_response(full, answer.model_dump(mode="json", include={"outcomes", "results"}))
