-- A required file has the same globals and no more.
-- load: ok
-- event: ok
local ok, value = pcall(require, "init")
if ok and type(value) == "table" and value.io then
  mall.log "ESCAPED"
end
