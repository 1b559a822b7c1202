-- _ENV replaced by tables and proxies.
-- load: ok
-- event: ok
local log = mall.log
do
  local _ENV = {}
  if x ~= nil or mall ~= nil then
    log "ESCAPED"
  end
end
do
  local _ENV = setmetatable({}, { __index = function(_, name)
    return name
  end })
  log(anything)
end
