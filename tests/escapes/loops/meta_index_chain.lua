-- A long loop of __index tables; Lua itself refuses it.
-- load: error
-- event: error
local a, b = {}, {}
setmetatable(a, { __index = b })
setmetatable(b, { __index = a })
local _ = a.x
