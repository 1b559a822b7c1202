-- An endless loop by goto.
-- load: budget
-- event: budget
::again::
goto again
