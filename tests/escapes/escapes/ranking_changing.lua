-- An own ranking whose entries change between check and use: no number of ours may reach the host.
-- load: ok|error
-- event: error
local kind
if not pcall(function() kind = mall.match.define { min = 1, seconds = 5 } end) then
  error "an event cannot declare"
end
mall.on("enter", function(p)
  local m = kind:join(p)
  local n = 0
  local entry = setmetatable({}, { __index = function()
    n = n + 1
    return n == 1 and p or { id = -5 }
  end })
  m:finish { entry }
end)
