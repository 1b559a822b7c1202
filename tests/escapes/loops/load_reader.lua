-- load with a reader function that never ends must be refused.
-- load: ok
-- event: ok
local f = load(function()
  return " "
end)
if f then
  mall.log "ESCAPED load took a function"
end
