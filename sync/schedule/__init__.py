"""When the gate calls its office: by its timetable, at once when it matters, less and less often while that fails."""

from sync.schedule.scheduler import Scheduler

__all__ = ["Scheduler"]
