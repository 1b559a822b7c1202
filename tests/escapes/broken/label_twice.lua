-- The same label twice.
-- load: error
-- event: error
::a::
::a::
