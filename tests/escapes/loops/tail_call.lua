-- Two functions that tail-call each other for ever.
-- load: budget
-- event: budget
local f, g
function f() return g() end
function g() return f() end
f()
