-- A goto into a block that it must not see.
-- load: error
-- event: error
load "goto x; do ::x:: end"()
