-- Texts with placeholders that grow.
-- load: ok
-- event: ok
local s = string.rep("{1}", 1300)
local r = mall.t(s, string.rep("x", 2000))
if #r > 1300 * 1024 + 10 then
  mall.log "ESCAPED a translation"
end
mall.t("{9}{0}{1}", 1)
mall.t("{1}", setmetatable({}, { __tostring = function() return "x" end }))
pcall(mall.t, {}, 1)
