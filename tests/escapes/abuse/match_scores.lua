-- Scores that are none.
-- load: ok
-- event: error
local kind
if not pcall(function() kind = mall.match.define { min = 1, seconds = 5 } end) then
  error "an event cannot declare"
end
mall.on("enter", function(p)
  local m = kind:join(p)
  for _, score in ipairs { 0 / 0, 1 / 0, 1.5, "5", {}, 1 << 60, -1 << 60 } do
    if pcall(m.score, m, p, score) then
      mall.log("ESCAPED score " .. tostring(score))
    end
  end
  for _ = 1, 10 do
    pcall(m.score, m, p, 1 << 40)
  end
  for _, q in ipairs { 1, "x", {}, m, kind } do
    if pcall(m.score, m, q, 1) then
      mall.log "ESCAPED a score of nobody"
    end
  end
end)
