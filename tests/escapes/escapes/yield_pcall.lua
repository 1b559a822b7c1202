-- A yield out of the event by pcall.
-- load: ok
-- event: ok
local ok = pcall(coroutine.yield, 1)
if ok then
  mall.log "ESCAPED a yield out of the event"
end
