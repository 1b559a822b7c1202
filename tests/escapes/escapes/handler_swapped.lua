-- Handlers that replace each other while they run.
-- load: error
-- event: error
local a, b
if not pcall(function() a = mall.on("tick", function() end) end) then
  error "an event cannot declare"
end
b = mall.on("tick", function()
  mall.off(a)
  mall.off(b)
  pcall(function() a.fn, b.fn = b.fn, a.fn end)
  mall.off(b)
  mall.off(setmetatable({}, { __index = function() return "tick" end }))
end)
