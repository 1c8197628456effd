// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IUniswapV3Pool} from "../src/interfaces/external/IUniswapV3.sol";
import {Order} from "../src/types/Types.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title The escrow's functions that a searcher calls.
interface IFallbackSales {
    function take(bytes32 market, bytes calldata position, uint256 leastLot, uint256 mostRepay, address recipient)
        external
        returns (uint256 repaid, uint256 lot);
    function buy(Order calldata order, uint256 leastLot, uint256 mostPrice, address recipient)
        external
        returns (uint256 lot, uint256 price);
}

/// @title A searcher without inventory: borrows the debt token, takes or buys a lot, sells as much of it as pays the
/// loan back, and keeps the rest. A worked example.
/// @notice The escrow needs no callback: everything happens inside the pool's own flash loan. One pool lends and
/// another pool swaps, because a pool is locked while it lends. Without `leastProfit`, or without enough for the loan,
/// the whole transaction reverts and costs its gas.
contract FlashTaker {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    struct Trade {
        IUniswapV3Pool lender; // has the debt token
        IUniswapV3Pool exchange; // of collateral and debt, another pool than the lender
        IERC20 debt;
        IERC20 collateral;
        uint256 borrowed; // debt units: the most the lot may cost
        uint256 leastProfit; // collateral units
    }

    /// @dev Uniswap's price limits: none.
    uint160 private constant LOWEST_LIMIT = 4_295_128_740;
    uint160 private constant HIGHEST_LIMIT = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341;

    IFallbackSales public immutable ESCROW;
    address public immutable OWNER;
    /// @dev The only account whose callback is accepted: the pool called last within this transaction.
    address private transient _calling;

    error OnlyOwner();
    error UnexpectedCallback(address caller);
    error TooLittleProfit(uint256 profit, uint256 least);

    modifier onlyOwner() {
        if (msg.sender != OWNER) revert OnlyOwner();
        _;
    }

    constructor(IFallbackSales escrow) {
        ESCROW = escrow;
        OWNER = msg.sender;
    }

    /// @notice Takes a flagged position's lot.
    /// @return profit Collateral units, sent to the owner.
    function take(Trade calldata trade, bytes32 market, bytes calldata position) external onlyOwner returns (uint256) {
        return _run(trade, abi.encodeCall(ESCROW.take, (market, position, 0, trade.borrowed, address(this))));
    }

    /// @notice Buys an expired order's lot. Its bounty, if there is one, arrives here later: see `sweep`.
    /// @return profit Collateral units, sent to the owner.
    function buy(Trade calldata trade, Order calldata order) external onlyOwner returns (uint256) {
        return _run(trade, abi.encodeCall(ESCROW.buy, (order, 0, trade.borrowed, address(this))));
    }

    /// @notice Sends this contract's balance of a token to the owner.
    function sweep(IERC20 token) external onlyOwner {
        token.safeTransfer(OWNER, token.balanceOf(address(this)));
    }

    /// @notice Called by the lender: the loan has arrived, and must be repaid with the fee at the end.
    function uniswapV3FlashCallback(uint256 fee0, uint256 fee1, bytes calldata data) external {
        _requireCalled();
        (Trade memory trade, bytes memory purchase, uint256 before) = abi.decode(data, (Trade, bytes, uint256));
        trade.debt.forceApprove(address(ESCROW), trade.borrowed);
        Address.functionCall(address(ESCROW), purchase);
        trade.debt.forceApprove(address(ESCROW), 0);

        uint256 owed = trade.borrowed + fee0 + fee1;
        uint256 unspent = trade.debt.balanceOf(address(this)) - before;
        if (owed > unspent) _sell(trade, owed - unspent);
        trade.debt.safeTransfer(address(trade.lender), owed);
    }

    /// @notice Called by the exchange, which has sent the debt and expects the collateral.
    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        _requireCalled();
        IERC20 collateral = abi.decode(data, (IERC20));
        collateral.safeTransfer(msg.sender, uint256(amount0 > 0 ? amount0 : amount1));
    }

    function _run(Trade calldata trade, bytes memory purchase) private returns (uint256 profit) {
        uint256 collateralBefore = trade.collateral.balanceOf(address(this));
        bytes memory data = abi.encode(trade, purchase, trade.debt.balanceOf(address(this)));
        bool first = trade.lender.token0() == address(trade.debt);
        _calling = address(trade.lender);
        trade.lender.flash(address(this), first ? trade.borrowed : 0, first ? 0 : trade.borrowed, data);
        _calling = address(0);
        profit = trade.collateral.balanceOf(address(this)) - collateralBefore;
        if (profit < trade.leastProfit) revert TooLittleProfit(profit, trade.leastProfit);
        trade.collateral.safeTransfer(OWNER, profit);
    }

    function _sell(Trade memory trade, uint256 wanted) private {
        bool zeroForOne = trade.exchange.token0() == address(trade.collateral);
        _calling = address(trade.exchange);
        trade.exchange
            .swap(
                address(this),
                zeroForOne,
                -wanted.toInt256(),
                zeroForOne ? LOWEST_LIMIT : HIGHEST_LIMIT,
                abi.encode(trade.collateral)
            );
    }

    function _requireCalled() private view {
        if (msg.sender != _calling) revert UnexpectedCallback(msg.sender);
    }
}
