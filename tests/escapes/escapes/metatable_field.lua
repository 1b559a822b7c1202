-- __metatable protects and must be kept.
-- load: ok
-- event: ok
local t = setmetatable({}, { __metatable = "locked" })
if getmetatable(t) ~= "locked" or pcall(setmetatable, t, {}) then
  mall.log "ESCAPED __metatable"
end
