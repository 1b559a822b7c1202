-- os.time with arguments must not reach the real one.
-- load: ok
-- event: ok
local a = os.time { year = 1 << 40, month = 1 << 40, day = 1 << 40 }
local b = os.time(setmetatable({}, { __index = function() return 1 end }))
if a ~= b then
  mall.log "ESCAPED os.time takes a date"
end
