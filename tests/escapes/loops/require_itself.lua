-- A file that requires itself; wrapped into a handler it declares too late.
-- load: error
-- event: error
require "init"
