-- A match that is over, and players who left.
-- load: ok
-- event: error
local kind
if not pcall(function() kind = mall.match.define { min = 1, seconds = 5 } end) then
  error "an event cannot declare"
end
local old, gone
mall.on("enter", function(p)
  old = old or kind:join(p)
end)
mall.on("leave", function(p)
  gone = p
end)
mall.on("tick", function()
  if old then
    old:finish()
    old:finish()
    old:left()
    old:ranking()
  end
  if gone then
    pcall(kind.join, kind, gone)
    pcall(gone.say, gone, "x")
    pcall(gone.teleport, gone, { 1, 0, 1 })
    pcall(mall.rewards.claim, { player = gone, pool = "daily", amount = 1, match = old })
    gone.store.set("x", 1)
  end
end)
