-- UI: trees of plain nodes that the generic client draws, with an id, a label and a role for screen readers.
local K = ...
local type, next = type, next
local mall, emit, bad, raise = K.mall, K.emit, K.bad, K.raise

local DEPTH_MAX, TEXT_MAX, OPTIONS_MAX = 8, 1000, 32
local KINDS = {
  "column", "row", "grid", "list", "text", "image", "model", "button", "input", "choice", "slider", "progress",
}
local HOLDS_CHILDREN = { column = true, row = true, grid = true, list = true }
local NODE_KEYS = {
  id = true, label = true, role = true, value = true, min = true, max = true, step = true, columns = true, color = true,
  size = true, place = true,
}
for _, kind in next, KINDS do
  NODE_KEYS[kind] = true
end
local CHANGES = { text = true, value = true, label = true, color = true, enabled = true, hidden = true }
local TONES = { info = true, good = true, bad = true }

local function scalar(value, what)
  if type(value) == "string" then
    return K.text(value, TEXT_MAX, what)
  elseif type(value) == "boolean" then
    return value
  end
  return K.number(value, -1e15, 1e15, what)
end

local nodes_left = 0
local node_of

local function children_of(list, depth)
  local children = {}
  for i = 1, K.length(K.options(list, "a list of nodes")) do
    children[i] = node_of(list[i], depth + 1)
  end
  return children
end

node_of = function(t, depth)
  K.only(K.options(t, "a node"), NODE_KEYS, "a node")
  nodes_left = nodes_left - 1
  if nodes_left < 0 or depth > DEPTH_MAX then
    raise("ui.limit", "a tree may have " .. K.limits.ui_nodes .. " nodes and " .. DEPTH_MAX .. " levels")
  end
  local kind
  for i = 1, #KINDS do
    if t[KINDS[i]] ~= nil then
      if kind then
        bad("a node is one thing, not both '" .. kind .. "' and '" .. KINDS[i] .. "'")
      end
      kind = KINDS[i]
    end
  end
  if not kind then
    bad("a node needs one of column, row, grid, list, text, image, model, button, input, choice, slider, progress")
  end
  local node = { kind = kind }
  local content = t[kind]
  if HOLDS_CHILDREN[kind] then
    node.children = children_of(content, depth)
  elseif kind == "choice" then
    node.options = {}
    for i = 1, K.length(K.options(content, "choice")) do
      if i > OPTIONS_MAX then
        raise("ui.limit", "a choice has at most " .. OPTIONS_MAX .. " options")
      end
      node.options[i] = K.text(content[i], 120, "an option")
    end
  elseif kind == "slider" or kind == "progress" then
    node.value = K.number(content, -1e15, 1e15, kind)
  else
    node.text = K.text(content, TEXT_MAX, kind)
  end
  if t.value ~= nil then
    node.value = scalar(t.value, "value of a node")
  end
  node.id = t.id ~= nil and K.name(t.id, "id of a node") or nil
  node.label = t.label ~= nil and K.text(t.label, 120, "label of a node") or nil
  node.role = t.role ~= nil and K.name(t.role, "role of a node") or nil
  node.place = t.place ~= nil and K.name(t.place, "place of a node") or nil
  node.color = t.color ~= nil and K.color(t.color, "color of a node") or nil
  node.size = t.size ~= nil and K.number(t.size, 0.5, 4, "size of a node") or nil
  node.columns = t.columns ~= nil and K.whole(t.columns, 1, 12, "columns of a node") or nil
  for _, name in next, { "min", "max", "step" } do
    node[name] = t[name] ~= nil and K.number(t[name], -1e15, 1e15, name .. " of a node") or nil
  end
  return node
end

local module = {}

-- Shows a tree to one player; its id names the panel ("main" when it has none). The same id replaces it.
function module.show(player, tree)
  K.need("ui", "mall.ui.show")
  local id = K.player_id(player, "mall.ui.show")
  nodes_left = K.limits.ui_nodes
  local node = node_of(tree, 1)
  emit("ui_show", id, node.id or "main", node)
end

local function changes_of(t, what)
  K.only(K.options(t, what), CHANGES, what)
  if next(t) == nil then
    bad(what .. " was given nothing to change")
  end
  local changes = {}
  if t.text ~= nil then
    changes.text = K.text(t.text, TEXT_MAX, what .. ": text")
  end
  if t.value ~= nil then
    changes.value = scalar(t.value, what .. ": value")
  end
  if t.label ~= nil then
    changes.label = K.text(t.label, 120, what .. ": label")
  end
  if t.color ~= nil then
    changes.color = K.color(t.color, what .. ": color")
  end
  if t.enabled ~= nil then
    changes.enabled = t.enabled == true
  end
  if t.hidden ~= nil then
    changes.hidden = t.hidden == true
  end
  return changes
end

function module.update(player, id, t)
  K.need("ui", "mall.ui.update")
  local changes = changes_of(t, "mall.ui.update")
  emit("ui_update", K.player_id(player, "mall.ui.update"), K.name(id, "mall.ui.update: id"), changes)
end

-- `group` is a match or a list of players.
function module.update_all(group, id, t)
  K.need("ui", "mall.ui.update_all")
  K.name(id, "mall.ui.update_all: id")
  local changes = changes_of(t, "mall.ui.update_all")
  K.each_player(group, "mall.ui.update_all", function(player)
    emit("ui_update", K.player_id(player, "mall.ui.update_all"), id, changes)
  end)
end

function module.close(player, id)
  K.need("ui", "mall.ui.close")
  emit("ui_close", K.player_id(player, "mall.ui.close"), id ~= nil and K.name(id, "mall.ui.close: id") or "main")
end

-- A short message that fades by itself; tone is "info", "good" or "bad".
function module.toast(group, text, tone)
  K.need("ui", "mall.ui.toast")
  text = K.text(text, 200, "mall.ui.toast: text")
  tone = tone or "info"
  if not TONES[tone] then
    bad("mall.ui.toast: tone is 'info', 'good' or 'bad', got " .. K.shown(tone))
  end
  K.each_player(group, "mall.ui.toast", function(player)
    emit("toast", K.player_id(player, "mall.ui.toast"), text, tone)
  end)
end

K.ui_module = module
mall.ui = K.on_use(module, { actions = "api_actions" })
