-- Scores and boards that are none.
-- load: ok
-- event: ok
local p = mall.players.all()[1]
if p then
  for _, score in ipairs { 0 / 0, 1 / 0, 1.5, "5", {}, 1 << 41, -1 << 41 } do
    if pcall(mall.board.submit, "b", p, score) then
      mall.log("ESCAPED score " .. tostring(score))
    end
  end
end
for _, name in ipairs { "", "../x", {}, 5, string.rep("b", 65) } do
  if pcall(mall.board.top, name) or pcall(mall.board.reset, name) then
    mall.log "ESCAPED board"
  end
end
for _, n in ipairs { 0, -1, 1e9, 1.5, "x" } do
  if pcall(mall.board.top, "b", n) then
    mall.log "ESCAPED top"
  end
end
