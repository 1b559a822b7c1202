-- An own ranking with a __len that lies.
-- load: ok|error
-- event: error
local kind
if not pcall(function() kind = mall.match.define { min = 1, seconds = 5 } end) then
  error "an event cannot declare"
end
mall.on("enter", function(p)
  local m = kind:join(p)
  m:finish(setmetatable({}, { __len = function() return 100 end, __index = function() return { player = p } end }))
end)
