extends RefCounted
## The client's own words in three languages. What the host sends comes in the host's language.

const LANGUAGES: Array[String] = ["en", "es", "zh"]
const NAMES: Dictionary[String, String] = {"en": "English", "es": "Español", "zh": "中文"}
const WORDS: Dictionary[String, Array] = {
	"connecting": ["Looking for the city…", "Buscando la ciudad…", "正在寻找城市…"],
	"signing_in": ["Signing in…", "Entrando…", "正在登录…"],
	"district_comes": ["Waiting for the district…", "Esperando el distrito…", "等待街区…"],
	"building":
	["Laying streets and planting trees…", "Trazando calles y plantando…", "铺设街道，种植树木…"],
	"here": ["Connected", "Conectado", "已连接"],
	"reconnecting":
	["Connection lost. Trying again…", "Conexión perdida. Reintentando…", "连接中断，正在重试…"],
	"play": ["Play", "Jugar", "玩"],
	"settings": ["Settings", "Ajustes", "设置"],
	"close": ["Back to the city", "Volver a la ciudad", "返回城市"],
	"quit": ["Leave mall.live", "Salir de mall.live", "离开 mall.live"],
	"name": ["Name", "Nombre", "名字"],
	"text_size": ["Text size", "Tamaño del texto", "文字大小"],
	"sensitivity": ["Mouse speed", "Velocidad del ratón", "鼠标速度"],
	"invert_y": ["Invert look up and down", "Invertir mirar arriba y abajo", "上下反转视角"],
	"volume": ["Volume", "Volumen", "音量"],
	"quality": ["Graphics", "Gráficos", "画质"],
	"quality_-1": ["Automatic", "Automático", "自动"],
	"quality_0": ["Low", "Bajo", "低"],
	"quality_1": ["Medium", "Medio", "中"],
	"quality_2": ["High", "Alto", "高"],
	"language": ["Language", "Idioma", "语言"],
	"show_fps": ["Show frames per second", "Mostrar imágenes por segundo", "显示帧率"],
	"keys": ["Keys", "Teclas", "按键"],
	"key_walk": ["Walk", "Caminar", "行走"],
	"key_run": ["Run", "Correr", "奔跑"],
	"key_jump": ["Jump", "Saltar", "跳跃"],
	"key_use": ["Use what is in front", "Usar lo que hay delante", "使用面前的物品"],
	"key_chat": ["Chat", "Chat", "聊天"],
	"key_score": ["Scoreboard", "Marcador", "记分板"],
	"key_panel": ["Panel of a game", "Panel de un juego", "游戏面板"],
	"key_act": ["Actions of a game", "Acciones de un juego", "游戏动作"],
	"key_emote": ["Wave", "Saludar", "挥手"],
	"key_settings": ["Settings", "Ajustes", "设置"],
	"key_look": ["Look around", "Mirar alrededor", "环顾四周"],
	"key_zoom": ["Nearer, farther", "Acercar, alejar", "拉近 / 拉远"],
	"drag": ["drag the mouse", "arrastrar el ratón", "拖动鼠标"],
	"wheel": ["wheel", "rueda", "滚轮"],
	"say_something": ["Say something (Enter)", "Di algo (Intro)", "说点什么（回车）"],
	"on_its_way": ["on its way", "en camino", "在途"],
	"seconds": ["s", "s", "秒"],
	"players": ["Players", "Jugadores", "玩家"],
	"nobody_plays": ["No match is running here.", "Aquí no hay partida.", "这里没有进行中的比赛。"],
	"goal": ["Goal", "Meta", "目标"],
	"over": ["Finished", "Terminado", "已结束"],
	"game": ["Game", "Juego", "游戏"],
	"shop": ["Shop", "Tienda", "商店"],
	"zone": ["Zone", "Zona", "园区"],
	"street": ["Street", "Calle", "街道"],
	"welcome_title": ["Welcome to mall.live", "Bienvenido a mall.live", "欢迎来到 mall.live"],
	"welcome_words":
	[
		"A guest can start at once. An own wallet can also be used later.",
		"Como invitado empiezas ya. Tu propia cartera también puede venir después.",
		"访客可以马上开始，之后也能换成自己的钱包。"
	],
	"play_as_guest": ["Play as a guest", "Jugar como invitado", "以访客身份游玩"],
	"use_wallet": ["Sign in with an own wallet", "Entrar con mi cartera", "用自己的钱包登录"],
	"code_words":
	[
		"Open the page in the browser that has your wallet and type this code there.",
		"Abre la página en el navegador que tiene tu cartera y escribe allí este código.",
		"请在装有钱包的浏览器中打开该页面，并输入此代码。"
	],
	"code_ends": ["Good for {seconds} s", "Vale {seconds} s", "{seconds} 秒内有效"],
	"open_page": ["Open the page", "Abrir la página", "打开页面"],
	"copy_address": ["Copy the address", "Copiar la dirección", "复制地址"],
	"cancel": ["Cancel", "Cancelar", "取消"],
	"later": ["Later", "Más tarde", "稍后"],
	"opened_words":
	[
		"The code was typed. Now sign in your wallet, on the page.",
		"El código está escrito. Firma ahora con tu cartera en la página.",
		"代码已输入。请在页面上用钱包签名。"
	],
	"is_yours": ["Is this your wallet?", "¿Es esta tu cartera?", "这是你的钱包吗？"],
	"goes_along":
	[
		"Your account, land and LIVE go over to it. Say no when you did not sign just now.",
		"Tu cuenta, tierra y LIVE pasan a ella. Di que no si no acabas de firmar tú.",
		"你的账号、土地和 LIVE 将转到这里。若刚才签名的不是你，请选“不是”。"
	],
	"say_no":
	[
		"Say no when you did not sign just now.",
		"Di que no si no acabas de firmar tú.",
		"若刚才签名的不是你，请选“不是”。"
	],
	"yes_mine": ["Yes, it is mine", "Sí, es mía", "是我的"],
	"not_mine": ["No", "No", "不是"],
	"one_moment": ["One moment…", "Un momento…", "请稍候…"],
	"wallet_done": ["This is your own wallet now.", "Ahora es tu propia cartera.", "现在使用的是你自己的钱包。"],
	"sign_in_again":
	[
		"Your last visit is too long ago. How do you come in?",
		"Tu última visita fue hace mucho. ¿Cómo entras?",
		"距离上次登录太久，请重新选择登录方式。"
	],
	"to_sign": ["Something to sign", "Algo para firmar", "有内容待签名"],
	"pay_sent": ["Sent. Waiting for the chain…", "Enviado. Esperando a la cadena…", "已发送，等待上链…"],
	"pay_paid": ["Paid: {amount}", "Pagado: {amount}", "已付款：{amount}"],
	"pay_signed": ["Signed", "Firmado", "已签名"],
	"plaza": ["Genesis Plaza", "Plaza Génesis", "创世广场"],
}


## Makes the words known to the engine; choose one with TranslationServer.set_locale.
static func register() -> void:
	for index in LANGUAGES.size():
		var translation := Translation.new()
		translation.locale = LANGUAGES[index]
		for key in WORDS:
			translation.add_message(key, WORDS[key][index] as String)
		TranslationServer.add_translation(translation)


## The languages whose letters this machine can draw.
static func drawable() -> Array[String]:
	var found: Array[String] = ["en", "es"]
	var probe := "中文玩"
	for family in OS.get_system_fonts():
		if _draws(family, probe):
			found.append("zh")
			break
	return found


static func _draws(family: String, probe: String) -> bool:
	return not OS.get_system_font_path_for_text(family, probe, "zh").is_empty()
