-- load with a scope whose metamethods loop must be metered, and one that is protected kept.
-- load: ok
-- event: ok
local f = load("x = 1 return y", "n", "t", setmetatable({}, { __metatable = "locked" }))
f()
