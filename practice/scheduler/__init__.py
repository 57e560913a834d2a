"""Amazon EventBridge Scheduler: expressions, schedules and their groups, and the calls that they really make."""
