-- The string library replaced under the feet of the guard.
-- load: ok
-- event: ok
local f = string.format
string.format = function()
  return "forged"
end
string.rep, string.gsub, string.find, string.sub = nil, nil, nil, nil
local ok, e = pcall(mall.world.spawn, { at = { "x", 0, 0 } })
if ok or e:len() < 10 or e == "forged" then
  mall.log "ESCAPED the API uses the creator's strings"
end
string.format = f
