package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Routes returns the routes of a handler of [New] without CORS origins.
func Routes(h http.Handler) gin.RoutesInfo { return h.(normalPaths).next.(*gin.Engine).Routes() }
