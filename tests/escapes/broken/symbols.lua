-- Signs that are no Lua.
-- load: error
-- event: error
local x = 1 ? 2 : 3 $ @ !
