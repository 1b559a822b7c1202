-- A match that ends and begins again inside its own callbacks.
-- load: error|budget
-- event: error
local kind
if not pcall(function() kind = mall.match.define { min = 1, seconds = 1 } end) then
  error "an event cannot declare"
end
kind:on("start", function(m)
  m:finish()
end)
kind:on("finish", function(m)
  for _, p in ipairs(mall.players.all()) do
    kind:join(p)
  end
end)
kind:on("join", function(m, p)
  m:leave(p)
end)
mall.on("enter", function(p)
  kind:join(p)
end)
