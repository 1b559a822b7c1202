-- Code compiled by load has no hook of its own to lose.
-- load: budget
-- event: budget
local f = load "while true do pcall(load, 'while true do end') end"
f()
