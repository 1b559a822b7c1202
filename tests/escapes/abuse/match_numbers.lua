-- Players of a match that are joined over and over.
-- load: ok
-- event: error
local kind
if not pcall(function() kind = mall.match.define { min = 1, max = 1 } end) then
  error "an event cannot declare"
end
mall.on("tick", function()
  for _ = 1, 50 do
    for _, p in ipairs(mall.players.all()) do
      pcall(kind.join, kind, p)
    end
  end
end)
