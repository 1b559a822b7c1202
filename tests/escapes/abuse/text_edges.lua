-- Texts of exactly the longest length, in bytes of many characters.
-- load: ok
-- event: ok
for _, p in ipairs(mall.players.all()) do
  p:say(string.rep("\u{20ac}", 93))
  p:say(string.rep("x", 280))
  mall.ui.toast(p, string.rep("x", 200))
  mall.ui.toast(p, "\0\1\2\127")
  mall.ui.show(p, { text = string.rep("x", 1000), label = string.rep("l", 120), id = string.rep("i", 64) })
end
mall.log(string.rep("\u{20ac}", 1000))
mall.log(string.rep("\u{20ac}", 85), string.rep("\u{20ac}", 85), string.rep("\u{1f600}", 64), string.rep("\u{20ac}", 85))
