-- The handle of a handler changed: its event and its function.
-- load: ok|error
-- event: error
local h
if not pcall(function() h = mall.on("tick", function() end) end) then
  error "an event cannot declare"
end
pcall(function() h.event = setmetatable({}, { __index = function() while true do end end }) end)
pcall(mall.off, h)
pcall(function() h.event = 0 / 0 end)
pcall(mall.off, h)
pcall(function() h.fn = "not a function" end)
