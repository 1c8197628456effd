// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IBridge} from "../interfaces/IBridge.sol";
import {IWarpRoute} from "../interfaces/external/IWarpRoute.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Carries one token over one Hyperlane warp route, whether this chain's end locks it or burns a synthetic.
/// @notice Holds nothing between calls and has no owner. A route that charges in the token itself is refused: the vault
/// counts on the whole amount.
contract WarpRouteBridge is IBridge {
    using SafeERC20 for IERC20;

    IWarpRoute public immutable router;
    IERC20 public immutable token;

    error WrongToken(address got, address carried);
    error ChargesTokens(address token, uint256 charged, uint256 amount);
    error KeptTokens(uint256 balance, uint256 expected);

    constructor(IWarpRoute router_) {
        router = router_;
        token = IERC20(router_.token());
    }

    /// @inheritdoc IBridge
    function quote(address token_, uint256 amount, uint32 domain, address recipient)
        external
        view
        returns (uint256 fee)
    {
        if (token_ != address(token)) revert WrongToken(token_, address(token));
        IWarpRoute.Quote[] memory quotes = router.quoteTransferRemote(domain, _bytes32(recipient), amount);
        uint256 charged;
        for (uint256 i; i < quotes.length; ++i) {
            if (quotes[i].token == address(0)) fee += quotes[i].amount;
            else charged += quotes[i].amount;
        }
        if (charged != amount) revert ChargesTokens(token_, charged, amount);
    }

    /// @inheritdoc IBridge
    function transfer(address token_, uint256 amount, uint32 domain, address recipient)
        external
        payable
        returns (bytes32 transferId)
    {
        if (token_ != address(token)) revert WrongToken(token_, address(token));
        uint256 expected = token.balanceOf(address(this)) - amount;
        if (address(token) != address(router)) token.forceApprove(address(router), amount);
        transferId = router.transferRemote{value: msg.value}(domain, _bytes32(recipient), amount);
        uint256 left = token.balanceOf(address(this));
        if (left != expected) revert KeptTokens(left, expected);
    }

    function _bytes32(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
