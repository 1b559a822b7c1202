-- __name must not be run or trusted.
-- load: ok
-- event: ok
local x = setmetatable({}, { __name = setmetatable({}, { __tostring = function()
  mall.log "ESCAPED __name was run"
  return "x"
end }) })
pcall(tostring, x)
pcall(math.floor, x)
pcall(string.rep, x)
