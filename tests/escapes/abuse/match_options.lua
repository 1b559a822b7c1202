-- Options of matches that are none.
-- load: ok
-- event: ok
for _, t in ipairs {
  { min = -1 }, { min = 1.5 }, { min = 5, max = 2 }, { max = 65 }, { seconds = 0 / 0 }, { seconds = 1e9 }, { lobby = -1 }, { title = string.rep("x", 99) },
  { unit = {} }, { board = "" }, { board = "../x" }, { x = 1 }, { min = 1 << 60 },
} do
  if pcall(mall.match.define, t) then
    mall.log "ESCAPED an option of a match"
  end
end
